"""The protocol between phones and the ledger over HTTP. `docs/sync.md` explains it, `docs/sync.openapi.json` types it."""
