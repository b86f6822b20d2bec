{{ config(group='servicing') }}
-- What the aged book says has fallen due is what schedule and standing charges say, up to the day the loan ended or was
-- last seen.
with aged as (select * from {{ ref('int_servicing__loans_aged') }}),
     ended as (select * from {{ ref('int_servicing__loans_ended') }}),
     schedules as (select * from {{ source('kernels', 'contractual_schedules') }}),
     events as (select * from {{ ref('stg_servicing__events') }}),
     reversed as (select reverses_event_id from events where event_type_code = 'reversal'),
     charges as (
         select events.loan_id, events.value_on as due_on, events.amount as total_due
         from events
         anti join reversed on events.event_id = reversed.reverses_event_id
         where events.event_type_code = 'charge'
     ),
     owed as (select loan_id, due_on, total_due from schedules union all select * from charges),
     last_rows as (
         select aged.loan_id, max(aged.as_of) as as_of, max(aged.due_to_date) as due_to_date,
                sum(aged.amount_due) as amount_due
         from aged
         group by aged.loan_id
     ),
     fallen_due as (
         select last_rows.loan_id, sum(owed.total_due) as total_due
         from last_rows
         inner join owed on last_rows.loan_id = owed.loan_id and owed.due_on <= last_rows.as_of
         left join ended on last_rows.loan_id = ended.loan_id
         where ended.ended_on is null or owed.due_on <= ended.ended_on
         group by last_rows.loan_id
     )
select last_rows.*, fallen_due.total_due
from last_rows
left join fallen_due on last_rows.loan_id = fallen_due.loan_id
where last_rows.due_to_date <> coalesce(fallen_due.total_due, 0) or last_rows.amount_due <> last_rows.due_to_date
