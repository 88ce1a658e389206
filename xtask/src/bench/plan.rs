//! The scenarios, what is read from each and the bars it must reach. Data only.

/// What a figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    Nothing,
    /// The reference that sends each delivery by itself.
    Limit,
    /// The reference that sends all frames of a turn at once.
    Batched,
    /// Another figure of the same runs.
    Own(&'static str),
}

/// Of the ratio where there is something to compare with, else of the figure itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

pub struct Figure {
    /// Its name in what the generator prints.
    pub key: &'static str,
    pub label: &'static str,
    pub against: Against,
    pub bar: Bar,
}

pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    /// Of the generator; `None` for those that only start the server.
    pub load: Option<&'static str>,
    pub figures: &'static [Figure],
}

const fn figure(key: &'static str, label: &'static str, against: Against, bar: Bar) -> Figure {
    Figure { key, label, against, bar }
}

const PER_CPU: &str = "deliveries_per_cpu_s";
const PER_CPU_LABEL: &str = "deliveries per CPU second";

use Against::{Batched, Limit, Nothing, Own};
use Bar::{AtLeast, AtMost};

const IN_FLIGHT: [Figure; 2] = [
    figure("acked_per_s", "acknowledged/s", Nothing, AtLeast(50_000.0)),
    figure("ack_p99_ms", "p99, ms", Nothing, AtMost(10.0)),
];

pub const PLAN: [Scenario; 19] = [
    Scenario {
        name: "steady",
        about: "1 room of 1,000 sockets, 50 messages/s",
        load: Some("steady"),
        figures: &[
            figure(PER_CPU, PER_CPU_LABEL, Limit, AtLeast(0.75)),
            figure("p50_ms", "p50, ms", Limit, AtMost(1.3)),
            figure("p99_ms", "p99, ms", Limit, AtMost(1.3)),
        ],
    },
    Scenario {
        name: "saturated",
        about: "1 room of 1,000 sockets, 64 messages in flight",
        load: Some("saturated"),
        figures: &[figure(PER_CPU, PER_CPU_LABEL, Batched, AtLeast(0.5))],
    },
    Scenario {
        name: "million",
        about: "1 room of 1,000 sockets, 1,000 messages/s",
        load: Some("million"),
        figures: &[
            figure("deliveries_per_s", "deliveries/s", Nothing, AtLeast(990_000.0)),
            figure("p99_ms", "p99, ms", Nothing, AtMost(25.0)),
        ],
    },
    Scenario {
        name: "room10k",
        about: "1 room of 10,000 sockets, 5 messages/s",
        load: Some("room10k"),
        figures: &[
            figure(PER_CPU, PER_CPU_LABEL, Limit, AtLeast(0.8)),
            figure("p99_ms", "p99, ms", Limit, AtMost(1.3)),
        ],
    },
    Scenario {
        name: "rooms",
        about: "1,000 rooms of 10 sockets, 1 message/s in each",
        load: Some("rooms"),
        figures: &[
            figure(PER_CPU, PER_CPU_LABEL, Limit, AtLeast(0.5)),
            figure("p99_ms", "p99, ms", Nothing, AtMost(20.0)),
        ],
    },
    Scenario {
        name: "idle10k",
        about: "10,000 authenticated sockets in two rooms",
        load: Some("idle10k"),
        figures: &[
            figure("kb_per_socket", "KB per socket", Nothing, AtMost(4.0)),
            figure("heartbeat_core_share", "heartbeats, share of a core", Nothing, AtMost(0.03)),
        ],
    },
    Scenario {
        name: "connect",
        about: "10,000 handshakes with token",
        load: Some("connect"),
        figures: &[figure("handshakes_per_cpu_s", "handshakes per CPU second", Nothing, AtLeast(15_000.0))],
    },
    Scenario {
        name: "durable",
        about: "64 messages in flight, 8 on each of 8 sockets, acknowledged after the commit",
        load: Some("durable"),
        figures: &IN_FLIGHT,
    },
    Scenario {
        name: "lockstep",
        about: "the same, 1 on each of 64 sockets",
        load: Some("lockstep"),
        figures: &IN_FLIGHT,
    },
    Scenario {
        name: "paced",
        about: "2,000 messages/s, acknowledged after the commit",
        load: Some("paced"),
        figures: &[figure("ack_p99_ms", "p99, ms", Nothing, AtMost(5.0))],
    },
    Scenario {
        name: "direct",
        about: "texts in direct conversations, beside rooms of the same two people in turns",
        load: Some("direct"),
        figures: &[figure("direct_to_room", "processor time of a text, of that in a room", Nothing, AtMost(1.3))],
    },
    Scenario {
        name: "mention",
        about: "texts that call somebody, or a name that nobody has, beside as long ones without a call, in turns",
        load: Some("mention"),
        figures: &[
            figure("mention_to_plain", "processor time of a call, of a text without", Nothing, AtMost(1.15)),
            figure("nobody_to_plain", "the same of a name that nobody has", Nothing, AtMost(1.15)),
        ],
    },
    Scenario {
        name: "stall",
        about: "1 room of 1,000 sockets, 50 of which stop reading",
        load: Some("stall"),
        figures: &[
            figure("p99_ms", "p99 of the rest, ms", Own("healthy_p99_ms"), AtMost(1.2)),
            figure("held_kb_per_stalled_socket", "KB held per stalled socket", Nothing, AtMost(256.0)),
            figure("cut_after_s", "cut after, s", Nothing, AtMost(10.0)),
        ],
    },
    Scenario {
        name: "resume",
        about: "10,000 sockets that each missed 100 messages",
        load: Some("resume"),
        figures: &[figure("caught_up_s", "all caught up, s", Nothing, AtMost(20.0))],
    },
    Scenario {
        name: "comeback",
        about: "60 people in 40 rooms that they share come back at once and say nothing",
        load: Some("comeback"),
        figures: &[
            figure("kb_per_person", "KB to each", Nothing, AtMost(40.0)),
            figure("cpu_ms_per_person", "processor time for each, ms", Nothing, AtMost(25.0)),
        ],
    },
    Scenario {
        name: "history",
        about: "pages of 50 in a room of 1 M messages out of 5 M",
        load: Some("history"),
        figures: &[
            figure("p99_ms", "p99, ms", Nothing, AtMost(5.0)),
            figure("restart_s", "start with that much, s", Nothing, AtMost(1.0)),
        ],
    },
    Scenario {
        name: "unread",
        about: "the list of 200 rooms with unread counts",
        load: Some("unread"),
        figures: &[figure("p99_ms", "p99, ms", Nothing, AtMost(10.0))],
    },
    Scenario {
        name: "start",
        about: "from the first instruction to ready, empty",
        load: None,
        figures: &[figure("start_s", "ready after, s", Nothing, AtMost(0.3))],
    },
    Scenario {
        name: "rss",
        about: "memory: idle, and with 200 active people",
        load: Some("rss"),
        figures: &[
            figure("idle_mb", "idle, MB", Nothing, AtMost(60.0)),
            figure("active_mb", "200 people, MB", Nothing, AtMost(150.0)),
        ],
    },
];

const WHOLE: &str = "whole_mb_per_s";
const COPY: Against = Own("copy_mb_per_s");

/// Of files. A copy on the same disk, synced, is what each is compared with.
pub const FILES: [Scenario; 4] = [
    Scenario {
        name: "upload",
        about: "files of 50 MiB in, one after the other",
        load: Some("upload"),
        figures: &[
            figure(WHOLE, "in a form, MB/s", COPY, AtLeast(0.4)),
            figure("pieces_mb_per_s", "in pieces of 4 MiB, MB/s", COPY, AtLeast(0.2)),
        ],
    },
    Scenario {
        name: "download",
        about: "the same out",
        load: Some("download"),
        figures: &[
            figure(WHOLE, "as a whole, MB/s", COPY, AtLeast(1.0)),
            figure("ranges_mb_per_s", "in ranges of 1 MiB, MB/s", COPY, AtLeast(0.5)),
        ],
    },
    Scenario {
        name: "uploads",
        about: "100 uploads of 50 MiB at once, half of them in pieces",
        load: Some("uploads"),
        figures: &[figure("above_idle_mb", "memory above idle, MB", Nothing, AtMost(64.0))],
    },
    Scenario {
        name: "thumbs",
        about: "photos of 12 megapixels, one after the other",
        load: Some("thumbs"),
        figures: &[
            figure("jpeg_thumbs_per_s", "thumbs/s of JPEG", Nothing, AtLeast(5.0)),
            figure("png_thumbs_per_s", "thumbs/s of PNG", Nothing, AtLeast(5.0)),
        ],
    },
];
