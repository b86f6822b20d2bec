with loans as (select * from {{ ref('stg_servicing__loans') }}),
     final as (
         select application_id,
                count(*) as loans_disbursed,
                cast(sum(principal) as decimal(18,2)) as amount_disbursed
         from loans
         where application_id is not null and disbursed_on is not null
         group by application_id
     )
select * from final
