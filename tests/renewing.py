"""One process that renews an account's token, if it is time: `python -m tests.renewing DATA_DIR ORIGIN ACCOUNT_ID`."""

from __future__ import annotations

import sys
from pathlib import Path

from crosspost.cli.context import App
from crosspost.ownership import account_lock


def main(data_dir: str, origin: str, account_id: str) -> None:
    app = App(data_dir=Path(data_dir), settings={"clock": origin, "private_origins": [origin]})
    account = app.connector.account(app.brand, account_id)
    print("ready", flush=True)
    sys.stdin.readline()
    lock = account_lock(app.renewer.locks, account.id, wait_s=30.0)
    assert lock is not None
    with lock:
        app.renewer.open(account).verify()
    app.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
