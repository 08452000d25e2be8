package io.metdc.connectors;

/// What an exchange's refusal of a request is about, and so what is to be done.
public sealed interface Blame {
    /// This instrument: it is left out, and the others of the request are asked for again.
    record Symbol(String symbol) implements Blame {}

    /// This instrument is subscribed already: it counts as accepted, and the others are asked for again. Where it is
    /// not among them, each half is asked for by itself.
    record Already(String symbol) implements Blame {}

    /// One of the instruments, nobody says which: each half is asked for by itself.
    record OneOfThem() implements Blame {
        public static final OneOfThem INSTANCE = new OneOfThem();
    }

    /// The request, whatever it names: asking again in another form does not help.
    record Request() implements Blame {
        public static final Request INSTANCE = new Request();
    }

    /// The moment: the same request may pass a little later.
    record Moment() implements Blame {
        public static final Moment INSTANCE = new Moment();
    }

    /// The connection, which has no room for more: the instruments belong on another one.
    record Room() implements Blame {
        public static final Room INSTANCE = new Room();
    }

    /// The connection as such, whatever was asked for: only a new one helps, with another ticket.
    record Connection() implements Blame {
        public static final Connection INSTANCE = new Connection();
    }
}
