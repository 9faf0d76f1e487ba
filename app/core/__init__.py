"""The base that everything stands on: settings, database, errors, texts, logs. It imports nothing of ours."""
