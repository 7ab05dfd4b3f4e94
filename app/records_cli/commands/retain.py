"""`handrail records retain`: what is older than is kept goes, now."""

import argparse
import sys

import msgspec

from app.records.retention import cutoff, days_kept, retain, today
from app.records_cli.changing import changing
from app.records_cli.group import Commands, command_parser
from app.records_cli.progress import Progress


def add(commands: Commands) -> None:
    """Add the command."""
    parser = command_parser(
        commands,
        "retain",
        _retain,
        help_="let go of what is too old",
        description="Let go of exchanges and reports from before so many days, but for those under a hold. "
        "The service does it by itself, every hour, where records.retention_days says so.",
    )
    parser.add_argument("--days", metavar="N", type=int, help="how many are kept (records.retention_days)")
    parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")


def _retain(options: argparse.Namespace) -> int:
    with changing(options) as record:
        configured = None if record.settings is None else record.settings.records.retention_days
        days = days_kept(options.days, configured)
        progress = Progress(sys.stderr, "exchanges")
        before = cutoff(days, today())
        done = retain(record.changes, before, progress.tell, dry_run=options.dry_run)
        progress.end()
    if options.json:
        sys.stdout.write(f"{msgspec.json.encode(done).decode()}\n")
        return 0
    word = "would go" if options.dry_run else "gone"
    sys.stdout.write(
        f"{word}, of before {done.before[:10]}: {done.exchanges:,} exchanges, {done.feedback:,} feedback, "
        f"{done.inserted_logs:,} inserted logs; {done.held:,} exchanges are under a hold\n"
    )
    return 0
