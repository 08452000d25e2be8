package io.metdc.listings.watch;

import java.util.LinkedHashSet;
import java.util.SequencedSet;

/// What was said already: the newest thousand things. Used by one thread.
final class Once {
    private static final int MOST = 1000;

    private final SequencedSet<String> said = new LinkedHashSet<>();

    /// Whether this is said for the first time.
    boolean isNew(String what) {
        if (!said.add(what)) {
            return false;
        }
        if (said.size() > MOST) {
            said.removeFirst();
        }
        return true;
    }
}
