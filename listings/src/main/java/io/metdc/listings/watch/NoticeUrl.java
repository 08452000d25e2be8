package io.metdc.listings.watch;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The address of a list of notices as configured, and the addresses that are made of it.
record NoticeUrl(URI list) {
    NoticeUrl {
        boolean isHttp = "https".equals(list.getScheme()) || "http".equals(list.getScheme());
        if (!isHttp || list.getHost() == null) {
            throw new IllegalArgumentException("no address of a list of notices: " + list);
        }
    }

    /// The host, with its port where one is written.
    String host() {
        return host(list);
    }

    /// The host of an address, with its port where one is written.
    static String host(URI address) {
        return address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
    }

    /// A page of the list. What the configured address says in its own query stays as it is, but for the page.
    URI page(int number) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("os", "os=web");
        query.put("page", "page=" + number);
        query.put("per_page", "per_page=20");
        query.put("category", "category=trade");
        for (String parameter : parameters()) {
            String name = parameter.replaceFirst("=.*", "");
            if (!"page".equals(name)) {
                query.put(name, parameter);
            }
        }
        return with(path(), String.join("&", query.values()));
    }

    /// One notice with its body.
    URI detail(String key) {
        return with(path() + "/" + key, "os=web");
    }

    private String path() {
        return list.getRawPath().replaceAll("/+$", "");
    }

    private List<String> parameters() {
        List<String> parameters = new ArrayList<>();
        String query = list.getRawQuery();
        if (query != null) {
            for (String parameter : query.split("&", -1)) {
                if (!parameter.isEmpty()) {
                    parameters.add(parameter);
                }
            }
        }
        return parameters;
    }

    private URI with(String path, String query) {
        return URI.create(list.getScheme() + "://" + list.getRawAuthority() + path + "?" + query);
    }
}
