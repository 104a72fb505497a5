"""The composition root: settings become a house that works, and the loops that keep it working."""

from aggregator.daemon.assembly import Assembly, assembled, now_utc
from aggregator.daemon.hubs import tell_hubs
from aggregator.daemon.looking import Found, Looked, at_address, discover, look_at, targets
from aggregator.daemon.memory import collect_rarely
from aggregator.daemon.pruning import prune_now
from aggregator.daemon.rehearsing import Rehearsed, rehearse
from aggregator.daemon.reload import Configuration
from aggregator.daemon.rounds import chosen, poll_now
from aggregator.daemon.service import run_daemon
from aggregator.daemon.truth import facts_of

__all__ = [
    'Assembly',
    'Configuration',
    'Found',
    'Looked',
    'Rehearsed',
    'assembled',
    'at_address',
    'chosen',
    'collect_rarely',
    'discover',
    'facts_of',
    'look_at',
    'now_utc',
    'poll_now',
    'prune_now',
    'rehearse',
    'run_daemon',
    'targets',
    'tell_hubs',
]
