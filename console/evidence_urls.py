from __future__ import annotations

from django.urls import path

from console.views import backtests, exemptions, moderation, risk, shadow

urlpatterns = [
    path("moderation/", moderation.moderation, name="moderation"),
    path("moderation/hits.csv", moderation.download, name="download-hits"),
    path("policy/backtests/", backtests.backtests, name="backtests"),
    path("policy/backtests/<uuid:backtest_id>/", backtests.backtest, name="backtest"),
    path("policy/backtests/<uuid:backtest_id>/cancel", backtests.cancel, name="cancel-backtest"),
    path("policy/backtests/<uuid:backtest_id>/samples", backtests.samples, name="backtest-samples"),
    path("policy/shadow/", shadow.shadow, name="shadow"),
    path("exemptions/", exemptions.exemptions, name="exemptions"),
    path("exemptions/<uuid:exemption_id>/revoke", exemptions.revoke, name="revoke-exemption"),
    path("risk/", risk.risk, name="risk"),
    path("risk/<uuid:user_id>/clear", risk.clear, name="clear-risk"),
]
