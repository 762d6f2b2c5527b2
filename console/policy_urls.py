from __future__ import annotations

from django.urls import include, path

from console.views import policy, policy_parts, policy_rules, policy_trial, policy_versions

version = [
    path("", policy_versions.version, name="policy-version"),
    path("text", policy_versions.as_text, name="policy-text"),
    path("export", policy_versions.export, name="export-policy"),
    path("run", policy_versions.run_cases, name="run-policy-cases"),
    path("approve", policy_versions.approve, name="approve-policy"),
    path("publish", policy_versions.publish, name="publish-policy"),
    path("return", policy_versions.roll_back, name="return-policy"),
    path("watch", policy_versions.watch, name="watch-policy"),
    path("discard", policy_versions.discard, name="discard-policy"),
    path("try", policy_trial.try_out, name="try-policy"),
    path("settings", policy_parts.settings, name="policy-settings"),
    path("categories/new", policy_parts.category, name="new-policy-category"),
    path("categories/<slug:category_id>/", policy_parts.category, name="policy-category"),
    path("categories/<slug:category_id>/remove", policy_parts.remove_category, name="remove-policy-category"),
    path("cases/new", policy_parts.case, name="new-policy-case"),
    path("cases/<slug:mark>/", policy_parts.case, name="policy-case"),
    path("cases/<slug:mark>/remove", policy_parts.remove_case, name="remove-policy-case"),
    path("rules/new", policy_rules.create, name="new-policy-rule"),
    path("rules/<slug:rule_id>/", policy_rules.rule, name="policy-rule"),
    path("rules/<slug:rule_id>/duplicate", policy_rules.duplicate, name="duplicate-policy-rule"),
    path("rules/<slug:rule_id>/remove", policy_rules.remove, name="remove-policy-rule"),
]

urlpatterns = [
    path("", policy.policy, name="policy"),
    path("new", policy.create, name="new-policy"),
    path("start", policy.start, name="start-policy"),
    path("import", policy.import_, name="import-policy"),
    path("stop", policy.stop, name="stop-policy"),
    path("approval", policy.require_approval, name="policy-approval"),
    path("watch-no-more", policy.stop_watching, name="stop-watching-policy"),
    path("patterns", policy_rules.check_patterns, name="check-policy-patterns"),
    path("delay", policy_rules.delay, name="policy-delay"),
    path("versions/<uuid:version_id>/", include(version)),
]
