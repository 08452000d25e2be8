package io.metdc.collector;

/// A folder that metdc needs cannot be used; the message says which, why, and the way out.
public final class FolderUnusable extends Exception {
    private static final long serialVersionUID = 1L;

    FolderUnusable(String message) {
        super(message);
    }

    FolderUnusable(String message, Throwable cause) {
        super(message, cause);
    }
}
