"""Millions of entries that are there already, written by the database itself: real rows, real indexes, no real chain."""

import time

from django.db import connection

PIECE = 1_000_000
_UUID = {
    "sqlite": "printf('%012x7%03x8%015x', 1780000000000 + n * 150, abs(random()) % 4096, abs(random()) % 1152921504606846976)",
    "postgresql": "(lpad(to_hex(1780000000000 + n::bigint * 150), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8'"
    " || substr(md5(random()::text), 1, 15))::uuid",
}
_WHEN = {
    "sqlite": "datetime('2026-09-01 00:00:00', '+' || (n * 5000000 / {total}) || ' seconds')",
    "postgresql": "timestamptz '2026-09-01 00:00:00+00' + make_interval(secs => (n::bigint * 5000000 / {total})::int)",
}
_NUMBERS = {
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM c WHERE n < {stop}) SELECT n, 1 + abs(random()) % {homes} AS home FROM c)",
    "postgresql": "(SELECT n, 1 + floor(random() * {homes})::bigint AS home FROM generate_series({start}, {stop}) n)",
}
_ZEROS = {"sqlite": "zeroblob(32)", "postgresql": "decode(repeat('00', 32), 'hex')"}
_BODY = """'{"outcome":"refused","note":"Hẹn không quay lại, đã có người hướng dẫn"}'"""


def fill(total, homes, campaign):
    """Entries about random households over the past weeks, and the projections that follow from them."""
    vendor, began, used = connection.vendor, time.perf_counter(), time.process_time()
    if vendor == "sqlite":
        # Nobody is promised anything yet: no journal, no wait for the disk, and the indexes in memory.
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-4000000"):
            run(f"PRAGMA {setting}")
    run("DROP INDEX entry_of_household")
    for start in range(1, total + 1, PIECE):
        stop = min(start + PIECE - 1, total)
        when = _WHEN[vendor].format(total=total)
        run(f"""INSERT INTO ledger_entry (position, uuid, kind, version, occurred_at, received_at, clock_offset, device_id, actor_id,
                campaign, unit, household, body, hash)
            SELECT n, {_UUID[vendor]}, 'visit', 1, {when}, {when}, 0, 1, 1, '{campaign}', h.unit_id, home, {_BODY}, {_ZEROS[vendor]}
            FROM {_NUMBERS[vendor].format(start=start, stop=stop, homes=homes)} c JOIN register_household h ON h.id = c.home
            ORDER BY n""")
        print(f"  {stop:,} entries after {time.perf_counter() - began:.0f} s", flush=True)
    run('CREATE INDEX entry_of_household ON ledger_entry (household, "position") WHERE household IS NOT NULL')
    # In the order of the key, both measures in one pass: pages are filled once and not come back to.
    run("""INSERT INTO ledger_householdday (household, campaign, measure, day, unit, times)
        SELECT household, campaign, measure, day, unit, times
        FROM (SELECT household, campaign, date(occurred_at) AS day, unit, count(*) AS times
              FROM ledger_entry GROUP BY 1, 2, 3, 4) d
        CROSS JOIN (SELECT 'contact' AS measure UNION ALL SELECT 'visit') m ORDER BY household, measure, day""")
    run("""INSERT INTO ledger_dailycount (campaign, measure, day, unit, times, households, first_households)
        SELECT campaign, measure, day, unit, sum(times), count(*), sum(CASE WHEN day = first THEN 1 ELSE 0 END)
        FROM (SELECT *, min(day) OVER (PARTITION BY household, campaign, measure) AS first FROM ledger_householdday) d GROUP BY 1, 2, 3, 4""")
    run("""INSERT INTO outreach_householdoutcome (household, campaign, unit, outcome, attempts, happened_at, entry)
        SELECT e.household, e.campaign, e.unit, 'refused', l.times, e.occurred_at, e.uuid
        FROM (SELECT household, max(position) AS last, count(*) AS times FROM ledger_entry GROUP BY household) l
        JOIN ledger_entry e ON e.position = l.last""")
    run("ANALYZE")
    if vendor == "sqlite":
        run("PRAGMA journal_mode=WAL")
        connection.close()  # with what was set for the filling
    cpu = f", {time.process_time() - used:.0f} s of CPU" if vendor == "sqlite" else ""
    print(f"{total:,} entries stored in {time.perf_counter() - began:.0f} s{cpu}", flush=True)


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
