"""The modules as one script, and the page that carries it."""

import base64
import hashlib
import re

import pytest
from django.urls import reverse

from tungnha.field.onefile import JoiningError, joined
from tungnha.field.views import _SOURCES


def modules(folder, **sources):
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)
    return folder


def test_a_module_becomes_a_block_after_those_it_imports(tmp_path):
    folder = modules(
        tmp_path,
        app='// Start.\nimport { a as b } from "./one.js";\nimport * as two from "./two.js";\nb(two.c);\n',
        one='import { c } from "./two.js";\n/** Doc. */\nexport async function a() {}\nexport const d = c; // kept\n',
        two="export class c {}\n",
    )
    assert joined(folder, "app") == (
        "const $two = {};\n{\nclass c {}\nObject.assign($two, { c });\n}\n"
        "const $one = {};\n{\nconst { c } = $two;\nasync function a() {}\nconst d = c; // kept\nObject.assign($one, { a, d });\n}\n"
        "const $app = {};\n{\nconst { a: b } = $one;\nconst two = $two;\nb(two.c);\nObject.assign($app, {  });\n}"
    )


@pytest.mark.parametrize(
    "line", ["export default 1;", "export let a = 1;", 'import "./one.js";', 'export * from "./one.js";']
)
def test_what_would_be_joined_wrongly_is_refused(tmp_path, line):
    with pytest.raises(JoiningError, match=r"app\.js: cannot be joined"):
        joined(modules(tmp_path, app=line + "\n"), "app")


def test_imports_in_a_circle_are_refused(tmp_path):
    folder = modules(tmp_path, app='import { a } from "./one.js";\n', one='import { b } from "./app.js";\n')
    with pytest.raises(JoiningError, match="app → one → app"):
        joined(folder, "app")


def test_every_module_of_the_app_is_in_the_page():
    script = joined(_SOURCES, "app")
    assert set(re.findall(r"^const \$(\w+) =", script, re.MULTILINE)) == {
        one.stem for one in _SOURCES.glob("*.js")
    }
    # What would end the element early, or open a comment in it (HTML standard, "restrictions for contents of script elements").
    assert not re.search(r"</script|<!--", script, re.IGNORECASE)


def test_the_policy_allows_the_pages_own_code_also_when_the_page_is_still_the_same(client):
    page = client.get(reverse("field"))
    text = page.content.decode()
    inside = [re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", text, re.DOTALL)[1] for tag in ("style", "script")]
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in inside
    ]
    again = client.get(reverse("field"), headers={"if-none-match": page["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for answer in (page, again):
        assert all(one in answer["Content-Security-Policy"] for one in hashes)
        assert "unsafe-inline" not in answer["Content-Security-Policy"].replace(
            "style-src-attr 'unsafe-inline'", ""
        )
