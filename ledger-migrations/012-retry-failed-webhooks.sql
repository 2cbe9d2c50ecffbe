-- Events that were given up are tried once a day: they are due like the others.
DROP INDEX inbox_due;
CREATE INDEX inbox_due ON inbox (book_id, next_at_ms) WHERE status IN ('received', 'parked', 'failed');
