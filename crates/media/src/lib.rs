//! Rooms and routing of calls over str0m, without sockets or clocks.
