package io.metdc.listings.recorder;

import java.io.IOException;

/// There is no database at the moment, as at every start: it comes by itself, and what was received waits for it in the
/// journal.
final class NoDatabase extends IOException {
    private static final long serialVersionUID = 1;

    NoDatabase() {
        super("there is no database at the moment");
    }
}
