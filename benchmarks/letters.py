"""Letters: pages a second, bytes a page and memory, beside Typst and WeasyPrint setting every letter themselves.

    python benchmarks/letters.py [--most 100000] [--peers]

The letters are generated; the register is not touched. Files hold 1,000 letters each and go to a temporary folder.
One JSON object a line.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tungnha.config.test_settings")

A_FILE = 1_000
FACTS = {
    "province": "Hà Nội",
    "unit": "Phường Văn Miếu – Quốc Tử Giám",
    "issued": "ngày 24 tháng 11 năm 2026",
    "hotline": "024 0000 0000",
    "generated": "yes",
}
SURNAMES = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
]
MIDDLES = ["Văn", "Thị", "Hữu", "Đức", "Ngọc", "Minh", "Quang", "Thu", "Thanh", "Phương", "Bhĭt"]
GIVEN = [
    "Anh",
    "Bình",
    "Châu",
    "Dũng",
    "Giang",
    "Hà",
    "Hải",
    "Hạnh",
    "Hoa",
    "Hùng",
    "Hương",
    "Khánh",
    "Lan",
    "Linh",
    "Long",
    "Mai",
    "Nam",
    "Nga",
    "Phúc",
    "Quân",
    "Ƀyă",
]


def texts(number):
    """Name, address, door code, place in the walk of household `number`."""
    random = np.random.default_rng(number)
    name = " ".join(words[random.integers(len(words))] for words in (SURNAMES, MIDDLES, GIVEN))
    house, branch, part, alley = random.integers(1, 99, 4)
    address = (
        f"Số {house} ngách {branch}/{part} ngõ {alley} phố Tôn Đức Thắng, Tổ dân phố số {number % 40 + 1}"
    )
    code = "".join("34679ACDEFGHJKMNPQRTUVWXY"[i] for i in random.integers(0, 25, 5))
    return name, address, code, f"Cụm {number // A_FILE + 1} · thư {number % A_FILE + 1}/{A_FILE}"


def _made_with_memory(job):
    from tungnha.channels.letters.stamping import make_file

    done = make_file(job)
    # Not getrusage: its peak is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return done, int(status.split("VmHWM:")[1].split()[0]) / 1024


def stamped(count, folder):
    """Make `count` letters as the program does: from names and addresses in memory to files on the disk."""
    from tungnha.channels.letters import sheet, wave
    from tungnha.channels.letters.stamping import Letter
    from tungnha.engine.work import work

    letters = [Letter(number, texts(number)) for number in range(count)]
    began = time.perf_counter()
    layout = sheet.lay_out("open_letter_vi", FACTS)
    links = wave.Links.under("https://tungnha.hanoi.gov.vn", b"k" * 32, 1)
    characters = {character for letter in letters for text in letter.texts for character in text}
    prepared = wave.prepare(layout, links, characters, "Thư ngỏ")
    parts = (
        (folder / f"{start // A_FILE:04d}.pdf", letters[start : start + A_FILE])
        for start in range(0, count, A_FILE)
    )
    memory, size, files = 0.0, 0, 0
    for done, megabytes in work(_made_with_memory, wave.jobs(prepared, links, parts)):
        assert not done.rejected
        memory, size, files = max(memory, megabytes), size + done.path.stat().st_size, files + 1
    seconds = time.perf_counter() - began
    one = next(wave.jobs(prepared, links, [(folder / "one.pdf", letters[:1])]))
    shared = _made_with_memory(one)[0].path.stat().st_size
    return {
        "engine": "stamped",
        "letters": count,
        "files": files,
        "seconds": round(seconds, 2),
        "pages_per_second": round(count / seconds),
        "bytes_per_page_beyond_shared": round((size - files * shared) / max(1, count - files)),
        "shared_bytes": shared,
        "memory_mb_a_process": round(memory),
        "load": os.getloadavg()[0],
    }


def typst_each(count):
    """Typst lays out every letter whole, QR as a picture by segno; one process, one core."""
    import segno
    import typst

    from tungnha.channels.letters import sheet

    source = sheet.find("open_letter_vi").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        began = time.perf_counter()
        size = 0
        for number in range(count):
            who, address, code, _ = texts(number)
            segno.make(f"https://tungnha.hanoi.gov.vn/T/{number:032d}", error="M").save(
                str(Path(name) / "qr.svg"), border=4
            )
            put = f'#place(top + left, dx: 36mm, dy: 58mm)[*{who}*\\ {address}\\ {code} #image("qr.svg", width: 36mm)]'
            (Path(name) / "letter.typ").write_text(source + "\n" + put, encoding="utf-8")
            fonts = [sheet.FONTS / "tinos", sheet.FONTS / "noto-sans"]
            size += len(
                typst.compile(
                    Path(name) / "letter.typ", font_paths=fonts, ignore_system_fonts=True, sys_inputs=FACTS
                )
            )
        seconds = time.perf_counter() - began
    return _peer("Typst, every letter", count, seconds, size)


def weasyprint_each(count):
    """WeasyPrint sets a document of as many pages, each the letter's text with its QR; one process, one core."""
    import segno
    import weasyprint

    began = time.perf_counter()
    pages = []
    body = "Trong những ngày tới, tổ công tác của phường đến từng nhà để hướng dẫn miễn phí. " * 16
    for number in range(count):
        who, address, code, _ = texts(number)
        picture = segno.make(f"https://tungnha.hanoi.gov.vn/T/{number:032d}", error="M").svg_data_uri(
            border=4
        )
        pages.append(
            f"<section><h1>THƯ NGỎ</h1><p><b>{who}</b><br>{address}</p><p>{body}</p><h2>{code}</h2>"
            f"<img src='{picture}' width=136></section>"
        )
    style = "<style>@page{size:A4}section{break-after:page;font:14pt Tinos,serif;text-align:justify}</style>"
    document = weasyprint.HTML(string=style + "".join(pages)).write_pdf()
    return _peer("WeasyPrint", count, time.perf_counter() - began, len(document))


def _peer(engine, count, seconds, size):
    return {
        "engine": engine,
        "letters": count,
        "seconds": round(seconds, 2),
        "pages_per_second": round(count / seconds, 1),
        "bytes_per_page": round(size / count),
    }


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--most", type=int, default=100_000)
    options.add_argument("--peers", action="store_true")
    given = options.parse_args()
    for count in (1_000, 10_000, 30_000, 100_000, 300_000):
        if count <= given.most:
            with tempfile.TemporaryDirectory() as folder:
                print(json.dumps(stamped(count, Path(folder))), flush=True)
    if given.peers:
        for peer, counts in ((typst_each, (10, 100)), (weasyprint_each, (10, 50))):
            for count in counts:
                print(json.dumps(peer(count), ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
