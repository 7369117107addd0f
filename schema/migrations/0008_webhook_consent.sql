-- Receivers that were asked before anything is delivered to them, and what they said.

SET LOCAL ROLE federwerk_owner;

ALTER TABLE delivery.webhooks ADD COLUMN consent text;
COMMENT ON COLUMN delivery.webhooks.consent IS 'Requests a minute that the receiver allowed when it was asked, or *; a replay asks again.';

RESET ROLE;
