package io.metdc.storage;

import io.metdc.market.Failure;

/// The database cannot be used, with one line that says why and what to do about it.
public final class DatabaseException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Not part of a serialised form: exceptions of this kind never leave the process.
    private final transient Failure failure;

    public DatabaseException(Failure failure) {
        super(failure.what(), failure.cause());
        this.failure = failure;
    }

    static DatabaseException fatal(String what) {
        return new DatabaseException(new Failure.Fatal(what));
    }

    static DatabaseException fatal(String what, Throwable cause) {
        return new DatabaseException(new Failure.Fatal(what, cause));
    }

    static DatabaseException recoverable(String what, Throwable cause) {
        return new DatabaseException(new Failure.Recoverable(what, cause));
    }

    /// [Failure.Recoverable] where trying again may help, [Failure.Fatal] where a person has to do something.
    public Failure failure() {
        return failure;
    }
}
