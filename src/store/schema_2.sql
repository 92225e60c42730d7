-- Version 2: what blind guessing at choices and orders would have given is known of each answer, so that a report can
-- discount it. Answers given before get the chance that their cards have now.

alter table card add column guess real not null default 0;      -- chance that a blind guess is right, 0 to 1
alter table review add column guess real not null default 0;    -- the same, when it was answered
alter table tally add column guessed real not null default 0;   -- sum of it over the answers

update card set guess = coalesce((
  select case json_extract(face.value, '$.kind')
    when 'order' then case json_array_length(face.value, '$.back')
      when 1 then 1.0 when 2 then 1.0 / 2 when 3 then 1.0 / 6 when 4 then 1.0 / 24 when 5 then 1.0 / 120
      when 6 then 1.0 / 720 else 0 end
    when 'choice' then case json_array_length(face.value, '$.back')
      when 1 then 1.0 / (1 + coalesce(json_array_length(face.value, '$.wrong'), 0))
      else 1.0 / ((1 << (json_array_length(face.value, '$.back')
                         + coalesce(json_array_length(face.value, '$.wrong'), 0))) - 1) end
    else 0 end
  from note, json_each(coalesce(note.local, note.base), '$.faces') as face
  where note.id = card.note and json_extract(face.value, '$.ordinal') = card.ordinal), 0);

drop trigger review_only_grows_update;
update review set guess = (select card.guess from card where card.id = review.card);
create trigger review_only_grows_update before update on review begin select raise(abort, 'the review log only grows'); end;

update tally set guessed = coalesce((
  select sum(review.guess) from review
  where review.day = tally.day and review.scope = tally.scope and review.evidence = tally.evidence
    and (review.before_interval >= 21) = tally.mature and review.counted = 1 + tally.imported
    and not exists (select 1 from event where event.review = review.seq and event.kind = 0)), 0)
where exists (select 1 from card where guess > 0);
