package io.metdc.listings.watch;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A key of the exchange. It is never written anywhere.
///
/// @param secretKey signs; 40 characters as the exchange gives them
public record AccessKeys(String accessKey, String secretKey) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String HEADER = "{\"alg\":\"HS512\",\"typ\":\"JWT\"}";

    public AccessKeys {
        if (accessKey.isBlank() || secretKey.isBlank()) {
            throw new IllegalArgumentException("an access key and a secret key belong together");
        }
    }

    /// A token for one connection: a JWT with `access_key` and a `nonce`, signed with HS512.
    String token(UUID nonce) {
        // not by a JOSE library: those refuse HS512 with a key of less than 64 bytes, and the exchange's have 40
        ObjectNode claims = JsonNodeFactory.instance
                .objectNode()
                .put("access_key", accessKey)
                .put("nonce", nonce.toString());
        String signed = encoded(HEADER) + "." + encoded(JSON.valueToTree(claims).toString());
        try {
            Mac mac = Mac.getInstance("HmacSHA512");
            mac.init(new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), "HmacSHA512"));
            byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + BASE64.encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no HmacSHA512 on this JVM", e);
        }
    }

    private static String encoded(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    /// A text of the other side without the keys and tokens that it may repeat.
    String hidden(String text) {
        return text.replaceAll("[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]{8,}", "…")
                .replace(secretKey, "…")
                .replace(accessKey, "…");
    }

    @Override
    public String toString() {
        return "AccessKeys[…]";
    }
}
