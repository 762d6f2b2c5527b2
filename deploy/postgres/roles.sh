#!/bin/sh
# Runs once, when the database's volume is new: the two roles and the database.
set -eu
psql --quiet --no-psqlrc --username postgres --dbname postgres --set ON_ERROR_STOP=1 <<'SQL'
\set owner `cat /run/hermes/owner-password`
\set app `cat /run/hermes/app-password`
CREATE ROLE hermes_owner LOGIN PASSWORD :'owner';
CREATE ROLE hermes_app LOGIN PASSWORD :'app';
CREATE DATABASE hermes OWNER hermes_owner;
REVOKE ALL ON DATABASE hermes FROM PUBLIC;
GRANT CONNECT ON DATABASE hermes TO hermes_app;
SQL
