import csv
import logging

from export.rows import active_customers

log = logging.getLogger(__name__)


def export(connection, target) -> None:
    writer = csv.writer(target)
    writer.writerow(["id", "email"])
    for row in active_customers(connection):
        writer.writerow(row)
    log.info("export written")
