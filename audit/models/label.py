from __future__ import annotations

from django.db import models


class Label(models.Model):
    """Keep the readable name of an id (a person's e-mail, a network address) where it can be erased.

    Erasing a label leaves every event as it was.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=20)
    text = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["text"], condition=models.Q(kind="address"), name="audit_one_label_of_an_address"
            )
        ]

    def __str__(self) -> str:
        return self.text
