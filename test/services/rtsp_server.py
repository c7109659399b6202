"""An RTSP server for tests, on GStreamer: usage: rtsp_server.py CONFIG.json

CONFIG: {"port": 0, "user": "u", "password": "p", "auth": "none" | "basic" | "digest",
         "mounts": [{"path": "/stream", "file": "film.mp4", "codec": "h264" | "h265" | "jpeg"}]}

Prints one line `ready PORT`, then one line per client: `play PATH` and `teardown PATH`. Needs Debian's python3-gi with
gir1.2-gst-rtsp-server-1.0 and the base, good and bad plugins. The configuration is a file, so that no password is in the process list.
"""
import json
import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PAYLOADERS = {
    "h264": "qtdemux ! h264parse ! rtph264pay config-interval=-1 name=pay0 pt=96",
    "h265": "qtdemux ! h265parse ! rtph265pay config-interval=-1 name=pay0 pt=96",
    "jpeg": "qtdemux ! jpegparse ! rtpjpegpay name=pay0 pt=26",
}


def say(line):
    print(line, flush=True)


def factory_of(mount):
    factory = GstRtspServer.RTSPMediaFactory()
    # True, the usual example, stalls clients that join while another one leaves; False starts everybody at frame 0.
    factory.set_shared(False)
    factory.set_launch('( filesrc location="%s" ! %s )' % (mount["file"], PAYLOADERS[mount["codec"]]))
    return factory


def protect(server, factories, kind, user, password):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if kind == "digest":
        auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    permissions = GstRtspServer.RTSPPermissions()
    for name in ("access", "construct"):
        permissions.add_permission_for_role("viewer", "media.factory." + name, True)
    for factory in factories:
        factory.set_permissions(permissions)
    server.set_auth(auth)


def watch(_server, client):
    client.connect("play-request", lambda _c, context: say("play " + context.uri.abspath))
    client.connect("teardown-request", lambda _c, context: say("teardown " + context.uri.abspath))


def die_with_parent(loop, parent):
    if os.getppid() != parent:
        loop.quit()
    return True


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    Gst.init(None)
    loop = GLib.MainLoop()
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(config["port"]))
    factories = []
    for mount in config["mounts"]:
        factory = factory_of(mount)
        factories.append(factory)
        server.get_mount_points().add_factory(mount["path"], factory)
    if config["auth"] != "none":
        protect(server, factories, config["auth"], config["user"], config["password"])
    server.connect("client-connected", watch)
    if server.attach(None) == 0:
        sys.exit("port %s is taken" % config["port"])
    # A test run that is killed must not leave servers behind.
    GLib.timeout_add_seconds(1, die_with_parent, loop, os.getppid())
    say("ready %d" % server.get_bound_port())
    loop.run()


main()
