"""The content of ``/api/status`` of the ingest half, from which its metrics are made too."""

from dataclasses import asdict
from typing import Any

from stream_online_viewer import __version__
from stream_online_viewer.publisher.demand import Member
from stream_online_viewer.publisher.program import Program
from stream_online_viewer.web.clock import MONOTONIC
from stream_online_viewer.web.status import source_status


def status_of(program: Program) -> dict[str, Any]:
    """Return the JSON object."""
    bridge, client, lease = program.bridge, program.client, program.lease
    now = MONOTONIC()
    leads = bridge.leads
    source = source_status(
        bridge.report if leads else None, now - bridge.reported, leads, program.settings.stream, program.why_idle()
    )
    return {
        "version": __version__,
        "uptime_s": round(now - program.started, 1),
        "stream": program.settings.stream,
        "name": str(program.name),
        "role": program.role,
        "epoch": bridge.epoch,
        "bus": {
            "address": str(client.address),
            "connected": client.connected,
            "text": client.text,
            "version": client.server_version,
            "connects": client.connects,
            "max_payload": client.max_payload,
            "unsent_bytes": client.unsent,
            "refused": dict(bridge.refused),
        },
        "lease": {
            "holder": lease.holder,
            "held": lease.held,
            "taken": lease.taken,
            "id": program.peer.id,
            "host": program.peer.host,
            "standbys": [asdict(peer) for peer in program.standbys()],
        },
        "source": source.content(),
        "ingest": {
            "alive": leads,
            "restarts": bridge.restarts,
            "encoded": bridge.report.encoded if bridge.report is not None and leads else 0,
            "published": bridge.published,
            "published_bytes": bridge.published_bytes,
            "lost_rows": bridge.lost_rows,
            "too_large": bridge.too_large,
            "renditions": len(bridge.demand.renditions),
            "refused_forms": list(program.refused_renditions),
        },
        "viewers": bridge.demand.viewers,
        "web_servers": [_server(member, now) for member in bridge.demand.members.values()],
    }


def _server(member: Member, now: float) -> dict[str, Any]:
    told = {} if member.server is None else asdict(member.server)
    return {
        "id": member.id,
        **told,
        "receiving": round(member.receiving, 2),
        "renditions": len(member.lanes),
        "heard_s": round(max(0.0, now - member.heard), 3),
    }
