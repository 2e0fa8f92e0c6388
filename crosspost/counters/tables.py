"""The two tables that engines count leads of, with the kinds of their columns."""

LARGE = "pip install 'crosspost[large]'"  # what counts them

LEADS = {
    "lead": "string",
    "channel": "string",
    "contacted_s": "int64",
    "talking_s": "int64",
    "offered_s": "int64",
    "won_s": "int64",
    "lost_s": "int64",
    "amount_minor": "int64",
    "currency": "string",
}
TOUCHES = {"lead": "string", "place": "int64", "channel": "string"}
