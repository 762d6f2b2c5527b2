from __future__ import annotations

from chat.models.backtest import Backtest
from chat.models.conversation import Conversation
from chat.models.generation import Generation
from chat.models.message import Message
from chat.models.review import Review
from chat.models.worker_beat import WorkerBeat

__all__ = ["Backtest", "Conversation", "Generation", "Message", "Review", "WorkerBeat"]
