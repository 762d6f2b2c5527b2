from __future__ import annotations

from chat.models.backtest import Backtest
from chat.models.break_glass import BreakGlass, BreakGlassRules
from chat.models.conversation import Conversation
from chat.models.fair_share import FairShare
from chat.models.generation import Generation
from chat.models.job import Job
from chat.models.job_state import JobState
from chat.models.message import Message
from chat.models.retention import DeletionCertificate, LegalHold, RetentionRules
from chat.models.review import Review
from chat.models.worker_beat import WorkerBeat

__all__ = [
    "Backtest",
    "BreakGlass",
    "BreakGlassRules",
    "Conversation",
    "DeletionCertificate",
    "FairShare",
    "Generation",
    "Job",
    "JobState",
    "LegalHold",
    "Message",
    "RetentionRules",
    "Review",
    "WorkerBeat",
]
