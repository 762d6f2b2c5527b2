from __future__ import annotations

from django.db import models


class UsageDay(models.Model):
    """The ledger of one day (UTC), added up: for one person, or with no person for the whole organization.

    Only the organization's rows have a purpose; one more row of it without one is its whole day, whose people are
    counted once. A group's sums are elsewhere (UsageGroupDay). Times in milliseconds.
    """

    day = models.DateField()
    organization_id = models.UUIDField()
    # None: everybody, with `people` counted.
    user_id = models.UUIDField(null=True)
    chat_model_id = models.UUIDField(null=True)
    model = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=12)
    calls = models.PositiveIntegerField(default=0)
    withheld = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    estimated = models.PositiveIntegerField(default=0)
    prompt_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    answer_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    # How many calls had their first token within so many milliseconds: {"250": 3, …}, for percentiles of any period.
    first_token = models.JSONField(default=dict)
    queue = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "organization_id", "user_id", "chat_model_id", "model", "purpose"],
                nulls_distinct=False,
                name="inference_one_usage_day",
            )
        ]
        indexes = [
            models.Index(fields=["organization_id", "day"], name="inference_usage_day"),
            models.Index(fields=["organization_id", "user_id", "day"], name="inference_usage_of_person"),
            models.Index(
                fields=["organization_id", "day"],
                condition=models.Q(user_id=None),
                name="inference_usage_whole_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.purpose} {self.calls}"


class UsageGroupDay(models.Model):
    """What the people of a group used in a day, by the groups that the ledger's rows name."""

    day = models.DateField()
    organization_id = models.UUIDField()
    group_id = models.BigIntegerField()
    calls = models.PositiveIntegerField(default=0)
    prompt_tokens = models.BigIntegerField(default=0)
    answer_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "organization_id", "group_id"], name="inference_one_group_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.group_id} {self.calls}"
