from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Group, Organization, User


class QuotaLimit(models.Model):
    """A limit on what is used, for an organization, a group, or people.

    Without an organization it is the operator's default for every organization. Whom it is about: `subject`, with the
    group or the person where it is one. What is counted: `measure`, in `period`. Reaching `soft` warns, reaching
    `hard` refuses until the period ends; at least one of the two is set.
    """

    class Subject(models.TextChoices):
        ORGANIZATION = "organization", "The whole organization together"
        GROUP = "group", "A group together"
        GROUP_MEMBER = "group-member", "Each member of a group"
        MEMBER = "member", "Each member"
        PERSON = "person", "One person"

    class Measure(models.TextChoices):
        TOKENS = "tokens", "Tokens, all together"
        PROMPT = "prompt", "Tokens read"
        ANSWER = "answer", "Tokens of answers"
        REASONING = "reasoning", "Tokens of reasoning"
        REQUESTS = "requests", "Requests"
        RUNNING = "running", "Answers at the same time"
        BUDGET = "budget", "Reasoning in one answer, in tokens"
        CONTEXT = "context", "Context of one request, in tokens"

    class Period(models.TextChoices):
        NONE = "", "At any time"
        MINUTE = "minute", "Per minute"
        HOUR = "hour", "Per hour"
        DAY = "day", "Per day"
        MONTH = "month", "Per month"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=12, choices=Subject)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    measure = models.CharField(max_length=10, choices=Measure)
    period = models.CharField(max_length=6, choices=Period, blank=True)
    soft = models.BigIntegerField(null=True, blank=True)
    hard = models.BigIntegerField(null=True, blank=True)
    # Set by the operator: the organization's admins see it and cannot change it.
    by_operator = models.BooleanField(default=False)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subject", "group", "user", "measure", "period", "by_operator"],
                nulls_distinct=False,
                name="inference_one_limit",
            ),
            models.CheckConstraint(
                condition=models.Q(soft__isnull=False) | models.Q(hard__isnull=False), name="inference_limit_says"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.measure} {self.period}: {self.hard or self.soft}"


class UsageWindow(models.Model):
    """What one subject has used of one measure in one period, and what is reserved. Kept only where there is a limit.

    `subject` is "organization", "group" or "person"; `subject_id` its id (in the organization). `starts_at` is the
    period's first moment, in UTC; of RUNNING, which has no period, the epoch.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=12)
    subject_id = models.CharField(max_length=36)
    measure = models.CharField(max_length=10)
    period = models.CharField(max_length=6, blank=True)
    starts_at = models.DateTimeField()
    used = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subject", "subject_id", "measure", "period", "starts_at"],
                name="inference_one_window",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.measure} {self.used}+{self.reserved}"
