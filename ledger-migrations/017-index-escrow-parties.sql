-- Escrows are listed for those whom they are for and for those who decide, too, newest first.
CREATE INDEX lifecycles_escrow_payee ON lifecycles (book_id, (state #>> '{escrow,_0,payee}'), lifecycle_id)
    WHERE kind = 'escrow';
CREATE INDEX lifecycles_escrow_arbiter ON lifecycles (book_id, (state #>> '{escrow,_0,arbiter}'), lifecycle_id)
    WHERE kind = 'escrow';
