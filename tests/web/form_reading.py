"""What a browser sends if the form on a page is sent as it is: `sent_of(page, "document")`, by a field that it has."""

from __future__ import annotations

from html.parser import HTMLParser

Sent = dict[str, list[str]]


class _Forms(HTMLParser):
    """Every form of a page with the values of its controls."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Sent] = []
        self._area: str | None = None
        self._text = ""
        self._select: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and "name" in given and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self._add(given["name"], given.get("value", ""))
        elif tag == "textarea":
            self._area, self._text = given["name"], ""
        elif tag == "select":
            self._select = given["name"], []
        elif tag == "option" and self._select is not None:
            self._select[1].append((given.get("value", ""), "selected" in given))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self._add(self._area, self._text.removeprefix("\n").replace("\n", "\r\n"))
            self._area = None
        elif tag == "select" and self._select is not None:
            name, options = self._select
            self._add(name, next((value for value, chosen in options if chosen), options[0][0]))
            self._select = None

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].setdefault(name, []).append(value)


def sent_of(page: str, field: str) -> Sent:
    """The values of the one form that has this field."""
    reader = _Forms()
    reader.feed(page.replace("\r\n", "\n"))
    (form,) = [form for form in reader.forms if field in form]
    return form
