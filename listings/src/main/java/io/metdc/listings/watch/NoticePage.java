package io.metdc.listings.watch;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A page of the list of notices, `{"success":true,"data":{"notices":[…],"fixed_notices":[…]}}`. The pinned ones are
/// years old and stand on every page; they are left out.
///
/// @param notices    in the order of the page, newest publication first
/// @param unreadable what is wrong with each of those that are left out
record NoticePage(List<Notice> notices, List<String> unreadable) {
    NoticePage {
        notices = List.copyOf(notices);
        unreadable = List.copyOf(unreadable);
    }

    /// Reads an answer.
    ///
    /// @throws IOException when it is no page of notices, or one of which nothing can be read
    static NoticePage read(byte[] body) throws IOException {
        JsonNode root = tree(body);
        JsonNode rows = root.path("data").path("notices");
        JsonNode success = root.path("success");
        if (success.isBoolean() && !success.booleanValue()) {
            throw new IOException("success is false: " + Excerpt.of(body));
        }
        if (!rows.isArray()) {
            throw new IOException("there is no list data.notices in " + Excerpt.of(body));
        }
        List<Notice> notices = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (JsonNode row : rows) {
            try {
                notices.add(NoticeFields.LIST.read(row));
            } catch (IOException e) {
                unreadable.add(String.valueOf(e.getMessage()));
            }
        }
        if (notices.isEmpty() && !unreadable.isEmpty()) {
            throw new IOException("none of " + unreadable.size() + " notices can be read: " + unreadable.getFirst());
        }
        return new NoticePage(notices, unreadable);
    }

    /// The JSON of an answer.
    ///
    /// @throws IOException when it is none
    static JsonNode tree(byte[] body) throws IOException {
        try {
            return NoticeFields.JSON.readTree(body);
        } catch (JacksonException e) {
            throw new IOException("no JSON but " + Excerpt.of(body), e);
        }
    }
}
