-- Payees who are paid out as soon as there is enough are looked at again and again.
CREATE INDEX lifecycles_instant ON lifecycles (book_id, lifecycle_id)
    WHERE kind = 'payee' AND state #>> '{payee,_0,policy,schedule}' = 'instant';
