// Node.js
const crypto = require('crypto');
function verify(body, secret, signature) {
  const expected = 'sha256=' + crypto
    .createHmac('sha256', secret).update(body).digest('hex');
  return crypto.timingSafeEqual(
    Buffer.from(expected), Buffer.from(signature));
}
