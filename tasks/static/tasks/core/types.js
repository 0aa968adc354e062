/**
 * Shared types. No code: this module is never loaded.
 *
 * @typedef {Object} Task
 * @property {string} id
 * @property {string} list
 * @property {?string} parent        the task that it is a subtask of
 * @property {?string} section
 * @property {string} title
 * @property {string} notes
 * @property {string} priority
 * @property {string[]} labels
 * @property {?number} assignee
 * @property {boolean} completed
 * @property {?string} completed_at
 * @property {?number} completed_by
 * @property {?string} due_date      YYYY-MM-DD
 * @property {?string} due_time      HH:MM:SS, in `due_zone`
 * @property {?string} due_zone      an IANA name
 * @property {?string} recurrence    an RRULE without DTSTART
 * @property {string} recurrence_from    "due" or "completion"
 * @property {?string} [recurrence_anchor]   the day from which the rule counts; with the server's copy only
 * @property {?string} [recurrence_text]     the rule in words; with the server's copy only
 * @property {number} position
 * @property {number} version
 * @property {?number} created_by
 * @property {?number} updated_by
 * @property {string} created_at
 * @property {string} updated_at
 *
 * @typedef {{id: string, name: string, color: string, kind: string, owner: ?number, archived_at: ?string, version: number, created_at?: string}} TaskList
 * @typedef {{id: string, list: string, favorite: boolean, position: ?number, version: number}} Place   of a list in one's own order
 * @typedef {{id: string, list: string, name: string, color: string, version: number}} Label
 * @typedef {{id: string, list: string, name: string, position: number, version: number}} Section
 * @typedef {{id: string, task: string, at: ?string, minutes_before: ?number, fires_at?: ?string, sent_at: ?string, version: number}} Reminder
 * @typedef {{id: number, username: string, name: string}} Person
 * @typedef {Person & {is_active: boolean, version: number}} User
 * @typedef {User & {email: string, time_zone: string, is_staff: boolean}} Me
 * @typedef {{id: string, list: string, user: Person, role: string, version: number}} Member
 *
 * @typedef {Object} State           what the server has confirmed, or that with one's own changes over it
 * @property {?Me} me
 * @property {Map<number, User>} users
 * @property {Map<string, TaskList>} lists
 * @property {Map<string, Member>} members
 * @property {Map<string, Task>} tasks
 * @property {Map<string, Label>} [labels]       further kinds that the server describes
 * @property {Map<string, Section>} [sections]
 * @property {Map<string, Reminder>} [reminders]
 * @property {Map<string, Place>} [places]
 * @property {Map<string, import("./views.js").Filter>} [filters]
 *
 * @typedef {Record<string, any>} Fields
 *
 * @typedef {Object} Frame           an event, a snapshot, or the end of a stream
 * @property {string} type
 * @property {string} [stream]
 * @property {number} [seq]
 * @property {?string[]} [streams]   of a snapshot; null for everything
 * @property {any} [data]
 * @property {?{id: number, username: string}} [actor]
 * @property {string} [request_id]
 *
 * @typedef {"create" | "update" | "delete"} Verb
 * @typedef {"queued" | "delayed" | "sending" | "acknowledged"} OperationState
 *
 * @typedef {Object} Operation       one change of one's own; see pending.js
 * @property {string} key
 * @property {string} kind
 * @property {string} id
 * @property {Verb} verb
 * @property {Fields} [fields]
 * @property {Fields} [display]
 * @property {Fields} [base]
 * @property {number} [version]
 * @property {OperationState} state
 * @property {number} [merges]
 * @property {number} [attempts]     answers of 500 so far
 * @property {boolean} [seen]
 * @property {number} [acknowledged]
 * @property {string} [batch]        the same for changes that are sent together
 * @property {boolean} [tried]       whether a request that may have arrived was made for it
 * @property {Fields | undefined} [quick]   of a creation: the line that it is made of, which says more than fields can; with `typed_at`, one that was not read yet
 * @property {Fields | undefined} [given]   with `quick`: what the task has beside what the line says
 * @property {{after?: string, before?: string}} [beside]   of an update: the neighbours between which the server puts the task
 * @property {any} [seen_as]         the object as it was shown when the change was made
 *
 * @typedef {{value: string, name: string}} Theirs
 * @typedef {{text: string, base: string, theirs: ?Theirs}} DraftText
 *
 * @typedef {Object} DraftPlace
 * @property {string} id             of the task
 * @property {"title" | "notes"} field
 * @property {"row" | "panel"} place
 * @property {{list: string, completed: boolean}} home   where its row stays while it is being edited
 * @property {Task} task
 * @property {?{name: string}} gone  the task is gone, through that person
 *
 * @typedef {DraftText & DraftPlace} Draft
 *
 * @typedef {Object} Change          what somebody else has done
 * @property {string} kind
 * @property {string} verb
 * @property {any} id
 * @property {string} name           of the person
 * @property {any} object
 *
 * @typedef {[label: string, call: () => void]} Choice
 */
export {};
