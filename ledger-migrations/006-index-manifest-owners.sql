-- Whoever signed a manifest that the book recorded was here before, with an account or without: after a restart while the relay is
-- out such signers go on, and strangers do not. Asked by the signer.
CREATE INDEX manifest_owners_signer ON manifest_owners (book_id, signer);
