"""The servers that this one is compared with, each written as its documentation says, with the fast options on."""
