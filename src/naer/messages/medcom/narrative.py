"""The text in each resource that MedCom asks for: all that the resource says, for people without a reader."""

from naer.messages.medcom.writing import Resource

_BEFORE = ("resourceType", "id", "meta")
_UNSAID = frozenset({"resourceType", "meta", "data", "system"})
XHTML = "http://www.w3.org/1999/xhtml"


def narrated(resource: Resource) -> Resource:
    """The resource with its narrative: every element and its value, but no content of attachments."""
    lines = [resource["resourceType"]]
    extended = _say(resource, "", lines)
    said = "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = {
        "status": "extensions" if extended else "generated",
        "div": f'<div xmlns="{XHTML}"><p>{said.replace("\n", "<br/>")}</p></div>',
    }
    told: Resource = {}
    for name, value in resource.items():
        if name not in _BEFORE and "text" not in told:
            told["text"] = text
        told[name] = value
    return told


def _say(node: Resource, path: str, lines: list[str]) -> bool:
    """One line for each value of an element, below `path`; whether there is an extension among them."""
    extended = False
    for name, value in node.items():
        if name in _UNSAID:
            continue
        if name == "extension":
            extended = True
        where = path + name
        for each in value if type(value) is list else (value,):
            if type(each) is dict:
                extended = _say(each, where + ".", lines) or extended
            elif name != "url" or not path.endswith("extension."):
                lines.append(f"{where}: {each}")
    return extended
