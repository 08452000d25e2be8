package io.metdc.collector;

/// A folder that metdc needs cannot be used; the message says which, why, and the way out.
public final class FolderUnusable extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean inUse;

    FolderUnusable(String message, boolean inUse) {
        super(message);
        this.inUse = inUse;
    }

    FolderUnusable(String message) {
        this(message, false);
    }

    FolderUnusable(String message, Throwable cause) {
        super(message, cause);
        inUse = false;
    }

    /// Whether another metdc uses it.
    public boolean isInUse() {
        return inUse;
    }
}
