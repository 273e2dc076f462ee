"""How examples are found in Markdown and pointed at another port."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.docs.examples import Example, find_examples, run_example, use_port

PAGE = """# Page

```bash
make run
```

<!-- test -->
```python
print("http://localhost:8001/v1")
```
Text with <!-- test --> in it.

<!-- test -->

```bash
echo 127.0.0.1:8001
echo again
```
"""


def test_only_marked_fences_are_examples() -> None:
    assert find_examples(PAGE, "page.md") == [
        Example("page.md", 7, "python", 'print("http://localhost:8001/v1")\n'),
        Example("page.md", 13, "bash", "echo 127.0.0.1:8001\necho again\n"),
    ]


@pytest.mark.parametrize("after", ["Some text.\n", "```json\n{}\n```\n", "", "```bash\nnever closed\n"])
def test_a_mark_without_something_to_run_is_refused(after: str) -> None:
    with pytest.raises(ValueError, match=r"page.md:1: after <!-- test -->"):
        find_examples(f"<!-- test -->\n{after}", "page.md")


def test_only_the_port_of_this_machine_s_endpoint_is_replaced() -> None:
    code = "curl http://localhost:8001/v1 -d 8001 && nc 127.0.0.1:8001 example.org:8001 localhost:80010"
    assert use_port(code, 9) == "curl http://localhost:9/v1 -d 8001 && nc 127.0.0.1:9 example.org:8001 localhost:80010"


def test_an_example_that_would_miss_the_endpoint_is_refused() -> None:
    with pytest.raises(ValueError, match="no localhost:8001"):
        use_port("curl http://localhost:8002/v1", 9)


def test_an_example_s_output_is_returned(tmp_path: Path) -> None:
    first, second = find_examples(PAGE, "page.md")
    assert run_example(first, 9, tmp_path, os.environ) == "http://localhost:9/v1\n"
    assert run_example(second, 9, tmp_path, os.environ) == "127.0.0.1:9\nagain\n"


def test_a_failing_example_says_where_it_stands_and_what_it_said(tmp_path: Path) -> None:
    example = Example("page.md", 3, "bash", "echo localhost:8001 >&2; exit 7")
    with pytest.raises(AssertionError, match=r"(?s)page.md:3 bash ends with exit code 7:.*localhost:9"):
        run_example(example, 9, tmp_path, os.environ)
