-- Each attempt is signed when it is made: after a rotation the secret that was
-- the newest when the payload was made may be the one that leaked.
ALTER TABLE callbacks DROP COLUMN signature;
