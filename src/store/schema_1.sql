-- Version 1. Never edited: a change is a further file in the ladder of schema.rs.

create table meta (
  key text primary key,
  value any not null
) strict, without rowid;

create table deck (
  id integer primary key,
  key text not null unique,
  title text not null,
  about text not null,              -- card::Deck as JSON
  origin text not null,             -- 'bundled', or the path it was imported from
  mapping text not null default '{}',
  imported_ms integer not null
) strict;

-- Area, system and level as one number: what a card belongs to now, and what an answer belonged to then.
create table scope (
  id integer primary key,
  area text not null,
  system text not null,
  level integer not null,           -- 0 foundation, 1 practitioner, 2 expert
  -- Counters over its cards that are not retired, kept by the triggers below: no question waits for a count.
  cards integer not null default 0,
  seen integer not null default 0,        -- answered at least once
  recalled integer not null default 0,    -- recalled a day or more after the first answer
  unique (area, system, level)
) strict;

create table note (
  id integer primary key,
  deck integer not null references deck (id),
  key text not null,
  position integer not null,
  base text not null,               -- card::Note as JSON, as imported
  local text,                       -- the same with the learner's edits, where there are any
  retired_day integer,              -- gone from its deck since; the log stays
  unique (deck, key)
) strict;

-- Pictures and sounds of a deck, by the name that its notes use; the content lies beside the database under its hash.
create table media (
  deck integer not null references deck (id),
  name text not null,
  hash text not null,                     -- SHA-256, hexadecimal
  size integer not null,                  -- bytes
  primary key (deck, name)
) strict, without rowid;

create table card (
  id integer primary key,
  note integer not null references note (id),
  ordinal integer not null,
  scope integer not null references scope (id),
  suspended integer not null default 0,   -- put aside by the learner
  retired integer not null default 0,     -- dropped by its deck
  -- What follows is a cache: replaying the log gives it again.
  interval integer not null default 0,    -- days
  ease integer not null default 250,      -- hundredths
  repetitions integer not null default 0,
  lapses integer not null default 0,
  due integer,                            -- study day; null: never answered
  stability real,                         -- days
  difficulty real,
  first_day integer,
  last_day integer,
  recalled_day integer,                   -- first recalled a day or more after first_day
  unique (note, ordinal)
) strict;
create index card_due on card (due, interval, scope, note) where suspended = 0 and retired = 0 and due is not null;
create index card_unseen on card (scope, id, note) where suspended = 0 and retired = 0 and due is null;

create trigger card_counts_insert after insert on card begin
  update scope set cards = cards + (new.retired = 0),
                   seen = seen + (new.retired = 0 and new.due is not null),
                   recalled = recalled + (new.retired = 0 and new.recalled_day is not null)
  where id = new.scope;
end;
create trigger card_counts_update after update on card
when old.scope <> new.scope or old.retired <> new.retired or (old.due is null) <> (new.due is null)
     or (old.recalled_day is null) <> (new.recalled_day is null)
begin
  update scope set cards = cards - (old.retired = 0),
                   seen = seen - (old.retired = 0 and old.due is not null),
                   recalled = recalled - (old.retired = 0 and old.recalled_day is not null)
  where id = old.scope;
  update scope set cards = cards + (new.retired = 0),
                   seen = seen + (new.retired = 0 and new.due is not null),
                   recalled = recalled + (new.retired = 0 and new.recalled_day is not null)
  where id = new.scope;
end;

-- The log. Its key is a sequence, never the time; it only grows.
create table review (
  seq integer primary key autoincrement,
  id blob not null unique,                -- 128 random bits
  card integer not null references card (id),
  at_ms integer not null,                 -- UTC
  offset_minutes integer not null,
  day integer not null,                   -- study day
  scope integer not null references scope (id),
  purpose integer not null,               -- card::Purpose
  evidence integer not null,              -- card::Evidence
  proposed integer,                       -- the grade the program proposed, where it checked
  grade integer not null check (grade between 0 and 5),
  took_ms integer not null,
  before_interval integer not null, before_ease integer not null, before_repetitions integer not null, before_due integer,
  after_interval integer not null, after_ease integer not null, after_repetitions integer not null, after_due integer,
  counted integer not null,               -- stats::Counts: 0 not, 1 for retention, 2 for that of imported answers
  predicted real,                         -- chance of recall the model gave before the answer
  average real                            -- share recalled so far, before the answer
) strict;
create index review_card on review (card, seq);

create table event (
  seq integer primary key autoincrement,
  id blob not null unique,
  kind integer not null,                  -- store::Event
  card integer references card (id),
  review integer references review (seq), -- what a retraction takes back; the last review before a reset
  at_ms integer not null,
  offset_minutes integer not null,
  day integer not null,
  detail text not null default ''
) strict;
create index event_card on event (card, kind);
create unique index event_retraction on event (review) where kind = 0;

create trigger review_only_grows_update before update on review begin select raise(abort, 'the review log only grows'); end;
create trigger review_only_grows_delete before delete on review begin select raise(abort, 'the review log only grows'); end;
create trigger event_only_grows_update before update on event begin select raise(abort, 'the event log only grows'); end;
create trigger event_only_grows_delete before delete on event begin select raise(abort, 'the event log only grows'); end;

-- Per-day figures, kept as answers arrive, so that a report never walks the log. A cache too.
create table tally (
  day integer not null,
  scope integer not null references scope (id),
  mature integer not null,                -- the interval before was 21 days or more
  evidence integer not null,
  imported integer not null,              -- answered in another program
  answers integer not null,
  passed integer not null,
  primary key (day, scope, mature, evidence, imported)
) strict, without rowid;

create table activity (
  day integer primary key,
  answers integer not null,               -- every answer, drills too
  fresh integer not null,                 -- cards seen for the first time
  took_ms integer not null
) strict;

-- All answers that count for retention so far: what always guessing the average would guess.
create table running (
  answers integer not null,
  passed integer not null
) strict;
insert into running values (0, 0);

create table prediction (
  day integer not null,
  bin integer not null,                   -- tenths of predicted recall, 0 to 9
  answers integer not null,
  passed integer not null,
  predicted real not null,                -- sums over the answers
  loss real not null,                     -- log loss of the memory model
  loss_average real not null,             -- of always guessing the average so far
  loss_interval real not null,            -- of SM-2's implied curve
  primary key (day, bin)
) strict, without rowid;

-- The levels that were held at the end of a quiz, and since when they no longer are.
create table held (
  area text not null,
  system text not null,                   -- '' for the whole area
  level integer not null,
  last_day integer not null,              -- last study day on which it was seen held
  lost_day integer,
  primary key (area, system, level)
) strict, without rowid;

create table goal (
  area text primary key,                  -- '' is the base of all areas
  level integer not null
) strict, without rowid;
