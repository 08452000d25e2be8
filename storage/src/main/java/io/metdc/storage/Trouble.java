package io.metdc.storage;

import io.metdc.market.Failure;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// What an error of the database asks for. Decided by SQLSTATE alone, never by the text of a message.
///
/// Source: PostgreSQL 18 documentation, appendix A, "PostgreSQL Error Codes".
enum Trouble {
    /// Connection lost, server starting or stopping, deadlock, out of room, time-out: the same again will work
    /// one day.
    PASSES,
    /// A row is there already.
    DUPLICATE,
    /// What a row contains is refused.
    ROW,
    /// Permission, a missing table, a wrong password: only a person can mend it.
    PERSON;

    static Trouble of(Throwable error) {
        String state = sqlState(error);
        if (state == null) { // an I/O error below the protocol
            return PASSES;
        }
        if (state.equals("23505")) {
            return DUPLICATE;
        }
        return switch (state.length() < 2 ? state : state.substring(0, 2)) {
            case "08", "40", "53", "55", "57", "58" -> PASSES;
            case "25" -> PASSES; // a read-only standby before its promotion
            case "22", "23", "44", "P0" -> ROW;
            default -> PERSON;
        };
    }

    /// The first SQLSTATE in the chain of causes.
    static @Nullable String sqlState(@Nullable Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && sql.getSQLState() != null
                    && !sql.getSQLState().isEmpty()) {
                return sql.getSQLState();
            }
        }
        return null;
    }

    /// Why this database cannot be used, in one line with the way out.
    static DatabaseException explained(DatabaseAddress address, Throwable error) {
        String state = sqlState(error);
        String where = "the database at " + address.place();
        String what = switch (state == null ? "" : state) {
            case "28P01" ->
                where + " refused the password of user " + address.user()
                        + ": set storage.user and storage.password (METDC_STORAGE_PASSWORD, or storage.password_file)";
            case "28000" ->
                where + " does not let user " + address.user()
                        + " log in from here: check storage.user, and pg_hba.conf on the server";
            case "08004" ->
                where + " wants a password for user " + address.user()
                        + ": set storage.password (METDC_STORAGE_PASSWORD, or storage.password_file)";
            case "3D000" ->
                "there is no database \"" + address.database() + "\" at " + address.place()
                        + ": CREATE DATABASE " + address.database() + " OWNER " + address.user()
                        + ", or change storage.url";
            case "42501" ->
                "user " + address.user() + " has no permission in " + where.substring(4)
                        + ": GRANT ALL ON DATABASE " + address.database() + " TO " + address.user()
                        + "; GRANT ALL ON SCHEMA public TO " + address.user() + " (server: " + oneLine(error) + ")";
            case "08001" -> where + " cannot be reached: start it, or change storage.url (" + oneLine(error) + ")";
            case "57P03" -> where + " is starting or stopping";
            case "53300" -> where + " has no connection left: raise its max_connections";
            default -> where + " failed: " + oneLine(error) + (state == null ? "" : " (SQLSTATE " + state + ")");
        };
        boolean passes = state == null ? isInputOutput(error) : of(error) == PASSES && !state.equals("08004");
        return new DatabaseException(passes ? new Failure.Recoverable(what, error) : new Failure.Fatal(what, error));
    }

    private static boolean isInputOutput(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException || cause instanceof SQLException) {
                return true;
            }
        }
        return false;
    }

    /// A message's first line.
    static String oneLine(Throwable error) {
        String message = error.getMessage();
        if (message == null || message.isBlank()) {
            return error.getClass().getSimpleName();
        }
        int end = message.indexOf('\n');
        return (end < 0 ? message : message.substring(0, end)).strip();
    }
}
