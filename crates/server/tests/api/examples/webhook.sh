# Compute HMAC signature
BODY='{"url":"https://preview.app.com","feature_description":"Test login","callback_url":"https://api.you.com/results"}'
SIG=$(echo -n "$BODY" | openssl dgst -sha256 -hmac "your-webhook-secret" | cut -d' ' -f2)

curl -X POST https://app.qualitymax.io/api/webhooks/veilstream \
  -H "Content-Type: application/json" \
  -H "X-QualityMax-API-Key: qm-your-token" \
  -H "X-Partner-Signature: sha256=$SIG" \
  -d "$BODY"
