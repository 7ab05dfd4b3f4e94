#!/bin/sh
# Run once by PostgreSQL's image: a user for Grafana who may read the record and nothing else.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$GRAFANA_READS" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE grafana LOGIN PASSWORD :'password' IN ROLE pg_read_all_data;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '15s';
SQL
