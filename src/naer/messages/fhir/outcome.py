"""OperationOutcome: why a request was refused, or what was left out of its answer."""

from naer.messages.fhir.elements import Element, given


def issue(severity: str, code: str, text: str, expression: str = "") -> Element:
    """One issue. `code` is of the HL7 issue types; the text never repeats a value that was sent."""
    return given(
        {
            "severity": severity,
            "code": code,
            "diagnostics": text,
            "expression": [expression] if expression else None,
        }
    )


def outcome(*issues: Element) -> Element:
    """The resource."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}
