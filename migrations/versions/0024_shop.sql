-- What the shop still lacked.
ALTER TABLE payments DROP CONSTRAINT ck_payments_state;
-- Pending: a direct debit was ordered, and the bank takes days.
ALTER TABLE payments ADD CONSTRAINT ck_payments_state CHECK (state IN ('intended', 'open', 'pending', 'captured', 'failed', 'expired'));
