package io.metdc.connectors;

import io.metdc.market.Failure;

/// A connection or a request that failed, with what is to be done about it.
public final class FeedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public FeedException(Failure failure) {
        super(failure.what(), failure.cause());
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
