-- The first foreclosure or write-off that no reversal takes back.
with events as (select * from {{ ref('stg_servicing__events') }}),
     reversed as (select distinct reverses_event_id from events where event_type_code = 'reversal'),
     endings as (
         select events.loan_id, events.value_on, events.event_type_code, events.amount, events.event_id,
                row_number() over (partition by events.loan_id order by events.value_on, events.event_id) as ending_number
         from events
         left join reversed on events.event_id = reversed.reverses_event_id
         where events.event_type_code in ('foreclosure', 'write_off') and reversed.reverses_event_id is null
     ),
     final as (
         select loan_id, value_on as ended_on, event_type_code as ended_by_code,
                case when event_type_code = 'write_off' then amount end as amount_written_off
         from endings
         where ending_number = 1
     )
select * from final
