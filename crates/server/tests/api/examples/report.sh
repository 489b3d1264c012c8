# Example request
curl -H "X-QualityMax-API-Key: qm-your-api-token" \
     https://app.qualitymax.io/api/v1/partner/jobs/{job_id}/report
