package io.metdc.simulator;

import org.jspecify.annotations.Nullable;

/// A client that was let in.
///
/// @param pass null for one who is only told that it may not come in
record Visit(Session session, Door.@Nullable Pass pass) {
    /// It has left, or never came in. Any thread, perhaps more than once.
    void end() {
        session.ended();
        if (pass != null) {
            pass.close();
        }
    }
}
